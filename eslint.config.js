// How the project's TypeScript and JavaScript is held: types decide, promises are awaited, unions are exhausted.
import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import ts from "typescript-eslint";

export default ts.config(
  { ignores: ["**/dist/**", "**/generated/**", "**/node_modules/**", "target/**"] },
  js.configs.recommended,
  {
    files: ["**/*.js"],
    languageOptions: { globals: browserAndNode() },
    rules: { "no-unused-vars": ["error", { argsIgnorePattern: "^_" }] },
  },
  {
    files: ["sdk/**/*.{ts,tsx}", "apps/**/*.{ts,tsx}"],
    extends: [ts.configs.strictTypeChecked, hooks.configs.flat.recommended],
    languageOptions: {
      parserOptions: {
        project: ["./sdk/*/tsconfig.lint.json", "./apps/*/tsconfig.lint.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/no-floating-promises": ["error", { ignoreVoid: true }],
      "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/unbound-method": "off",
      "no-console": "error",
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Text of users never becomes HTML." },
        { property: "outerHTML", message: "Text of users never becomes HTML." },
        { property: "insertAdjacentHTML", message: "Text of users never becomes HTML." },
      ],
      "no-restricted-syntax": [
        "error",
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "Text of users never becomes HTML." },
        { selector: "TSEnumDeclaration", message: "A union of words; an enum only where a façade must have one." },
      ],
    },
  },
);

function browserAndNode() {
  const names = [
    "AbortController",
    "atob",
    "self",
    "PushManager",
    "NotificationEvent",
    "TextDecoder",
    "DOMException",
    "AbortSignal",
    "AudioContext",
    "Buffer",
    "CSS",
    "GainNode",
    "HTMLInputElement",
    "MediaStream",
    "OscillatorNode",
    "RTCPeerConnection",
    "RTCRtpSender",
    "ResizeObserver",
    "URL",
    "URLSearchParams",
    "WebSocket",
    "addEventListener",
    "clearInterval",
    "clearTimeout",
    "console",
    "crypto",
    "document",
    "fetch",
    "localStorage",
    "location",
    "navigator",
    "performance",
    "process",
    "requestAnimationFrame",
    "queueMicrotask",
    "sessionStorage",
    "setImmediate",
    "setInterval",
    "setTimeout",
    "structuredClone",
  ];
  return Object.fromEntries(names.map((name) => [name, "readonly"]));
}
