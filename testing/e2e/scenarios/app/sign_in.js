// Sign-ins that end in the middle of a call: tokens that live for seconds, and a back end that gives no other.
import { AppPerson } from "../../lib/app_person.js";
import { until } from "../../lib/until.js";

/** Enough to load a page and greet the server; the server warns when a tenth of it is left. */
const TOKEN_S = 3;
const AWAY = 503;
const SIGNED_OUT = 401;

/** Alice and bob talk; bob's tokens live for seconds, as long as his back end gives any. */
async function talking(parts) {
  const source = { asked: 0, refuses: null };
  const prepare = (page) => page.route("**/dev/token?*", (route) => give(route, parts, source));
  const bob = parts.meet(await AppPerson.use(parts, parts.as("bob"), { prepare }));
  const alice = parts.meet(await AppPerson.use(parts, parts.as("alice")));
  await alice.call(bob.name);
  await bob.rings();
  await bob.press("Accept");
  await Promise.all([alice.seesAndHears(1, 1), bob.seesAndHears(1, 1)]);
  return { alice, bob, source };
}

async function give(route, { as, offhook }, source) {
  source.asked += 1;
  if (source.refuses) await route.fulfill({ status: source.refuses });
  else await route.fulfill({ body: await offhook.token(as("bob"), TOKEN_S) });
}

/** Each token is followed by another, and nobody notices; a back end that gives none for a while is told of while that lasts. */
export async function renewed(parts) {
  const { alice, bob, source } = await talking(parts);
  // The server warns of the end of a token that it has taken: a third question proves the second token to be in force.
  await until(
    "a renewed token is renewed",
    () => Promise.resolve(source.asked),
    (asked) => asked >= 3,
  );
  source.refuses = AWAY;
  await bob.reads(/sign-in ends soon/);
  await parts.shot("token-needed", bob);
  await alice.seesAndHears(1, 1);
  source.refuses = null;
  await bob.readsNoMore(/sign-in ends soon/);
  await Promise.all([alice.seesAndHears(1, 1), bob.seesAndHears(1, 1)]);
  const greeted = (await bob.ask("frames")).filter((type) => type === "hello").length;
  if (greeted !== 1) throw new Error(`bob greeted the server ${greeted} times`);
  await bob.press("Hang up");
  await Promise.all([alice.isOut(), bob.isOut()]);
  return `${source.asked} times asked for a token of ${TOKEN_S} s, in one session`;
}

/**
 * The token ends while bob has no way to the server, and there is no other: he reads so, and talks on after his next try. Then he
 * is signed out for good: nothing of him is heard any more, alice reads that he is away, and he comes back by signing in.
 */
export async function ended(parts) {
  const { alice, bob, source } = await talking(parts);
  source.refuses = AWAY;
  await bob.reads(/sign-in ends soon/);
  await bob.ask("cut");
  await bob.reads(/sign-in could not be renewed/);
  await bob.ask("mend");
  await bob.stir();
  await parts.shot("token-failed", bob);
  await alice.seesAndHears(1, 1);
  source.refuses = null;
  await bob.press("Try again");
  await bob.readsNoMore(/sign-in could not be renewed|Reconnecting/);
  await Promise.all([alice.seesAndHears(1, 1), bob.seesAndHears(1, 1)]);

  source.refuses = SIGNED_OUT;
  await bob.reads(/sign-in ends soon/);
  await bob.ask("cut");
  await bob.ask("mend");
  await bob.reads("Your sign-in has ended.");
  await bob.isOut();
  await parts.shot("signed-out", bob);
  await alice.reads("Reconnecting…");
  source.refuses = null;
  await bob.press("Try again");
  await Promise.all([alice.seesAndHears(1, 1), bob.seesAndHears(1, 1)]);
  await bob.press("Hang up");
  await Promise.all([alice.isOut(), bob.isOut()]);
  return "talked on after a failure, and after a new sign-in";
}
