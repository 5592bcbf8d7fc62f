mod changes;
mod derived;
mod hidden_numbers;
mod log;
mod past;
mod past_reach;
mod personal;
pub mod stream;
mod stream_addresses;
