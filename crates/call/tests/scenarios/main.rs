//! Who does what when, and everything that anyone hears of it. One file a topic; `races` bears the numbers of the race
//! table.
mod advanced;
mod cancel;
mod devices;
mod general;
mod invite;
mod kit;
mod leave;
mod races;
mod timers;
