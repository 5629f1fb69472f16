// Of the client the kit needs two things at run time; the gallery does without the rest.
export { OffhookError } from "../../web/src/api/error.js";

export function createLocalMedia(): never {
  throw new Error("the gallery gives its own");
}
