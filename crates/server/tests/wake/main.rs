//! Phones whose app is killed, woken by pushes of the real binary: each flow of an app on Android and iOS, played with the crate
//! `client` as such an app would, on phones that enforce their platforms' rules.
mod android;
mod ios;
mod phones;
mod world;
