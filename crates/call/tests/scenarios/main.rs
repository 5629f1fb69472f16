//! Who does what when, and everything that anyone hears of it. One file a topic; `races` and `merge` bear the
//! numbers of the race table.
mod advanced;
mod cancel;
mod delivery;
mod devices;
mod general;
mod invite;
mod kit;
mod leave;
mod lost;
mod merge;
mod races;
mod show;
mod timers;
