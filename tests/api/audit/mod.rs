mod changes;
mod derived;
mod log;
mod past;
mod past_reach;
mod personal;
mod stream;
