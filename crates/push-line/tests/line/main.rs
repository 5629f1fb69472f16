//! The driver of pushes against servers that are as strict as vendors say they are.
mod apns;
mod breaker;
mod certificates;
mod fcm;
mod frames;
mod origins;
mod stage;
mod web;
mod webhook;
