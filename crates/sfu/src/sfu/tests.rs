//! Rooms with real connections (ICE, DTLS, SRTP) in virtual time.
mod bad_input;
mod media;
mod offers;
mod presence;
mod world;
