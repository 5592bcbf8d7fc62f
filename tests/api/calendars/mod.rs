mod addresses;
mod events;
