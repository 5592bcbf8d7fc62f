mod changes;
mod derived;
mod log;
mod past;
mod personal;
mod stream;
