// The public API of each package as one text, so that a change of it is a diff that somebody reads.
// node sdk/api.js            writes sdk/<package>/api.txt from the declarations in dist
// node sdk/api.js --check    fails if one is not up to date
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** Each package, and its entries. */
const PACKAGES = { web: ["index", "push", "service_worker"], zim: ["index"], react: ["index"] };
const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const printer = ts.createPrinter({ removeComments: true, omitTrailingSemicolon: false });

const isCheck = process.argv.includes("--check");
const stale = [];
for (const [name, entries] of Object.entries(PACKAGES)) {
  const file = path(`${name}/api.txt`);
  const reports = entries.map((entry) => {
    const heading = entry === "index" ? "" : `// The entry ${entry.replaceAll("_", "-")}:\n\n`;
    return heading + describe(name, entry);
  });
  const report = reports.join("\n");
  if (!isCheck) await writeFile(file, report);
  else if ((await readFile(file, "utf8").catch(() => "")) !== report) stale.push(file);
}
if (stale.length > 0) {
  console.error(
    `the public API is not as reported in ${stale.join(", ")}\n\`node sdk/api.js\` writes it; read the diff`,
  );
  process.exitCode = 1;
}

/** Every export with its declaration, by name, without comments; then what they mention and do not export. */
function describe(name, part) {
  const entry = path(`${name}/dist/${part}.d.ts`);
  const program = ts.createProgram([entry], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    types: [],
  });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry) ?? missing(entry));
  const own = path(`${name}/dist/`);
  const exported = (module ? checker.getExportsOfModule(module) : []).map((symbol) => [symbol.name, origin(symbol)]);
  const known = new Set(exported.map(([, symbol]) => symbol));
  const hidden = new Set();
  const waiting = [...known];
  // A set that grows while it is walked: what a hidden type mentions is hidden, too.
  for (const symbol of waiting) {
    for (const mentioned of mentions(symbol)) {
      if (known.has(mentioned) || hidden.has(mentioned)) continue;
      hidden.add(mentioned);
      waiting.push(mentioned);
    }
  }
  const lines = exported.sort(byName).map(([as, symbol]) => print(as, symbol));
  const rest = [...hidden].map((symbol) => [symbol.name, symbol]).sort(byName);
  const heading = rest.length > 0 ? ["// Mentioned above and not exported:\n"] : [];
  return [...lines, ...heading, ...rest.map(([as, symbol]) => print(as, symbol))].join("\n");

  function origin(symbol) {
    return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  }

  function print(as, symbol) {
    const declarations = symbol.declarations ?? [];
    // A whole module under one name: the file is its own report.
    if (declarations.some(ts.isSourceFile)) return `// all of ${relative(declarations[0].fileName)} as ${as}\n`;
    return declarations.map((each) => `${text(each)}${symbol.name === as ? "" : ` // as ${as}`}\n`).join("");
  }

  function text(declaration) {
    const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
    return printer
      .printNode(ts.EmitHint.Unspecified, node, declaration.getSourceFile())
      .replace(/^(export |declare )+/, "")
      .replace(/\s*\n\s*\n/g, "\n");
  }

  /** The types of this package that a declaration names. */
  function* mentions(symbol) {
    for (const declaration of symbol.declarations ?? []) {
      if (ts.isSourceFile(declaration)) continue;
      const found = [];
      const visit = (node) => {
        if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)) {
          found.push(node.typeName ?? node.expression);
        }
        ts.forEachChild(node, visit);
      };
      visit(declaration);
      for (const each of found) {
        const named = checker.getSymbolAtLocation(each);
        const target = named && origin(named);
        const home = target?.declarations?.[0]?.getSourceFile().fileName;
        const isType = target && !(target.flags & ts.SymbolFlags.TypeParameter);
        if (isType && home?.startsWith(own)) yield target;
      }
    }
  }

  function relative(file) {
    return file.slice(own.length);
  }
}

function byName([one], [other]) {
  return one < other ? -1 : Number(one > other);
}

function missing(entry) {
  throw new Error(`${entry} is not there: build the packages first`);
}
