//! Media on bad networks, in virtual time.
mod link;
mod trial;
mod world;
