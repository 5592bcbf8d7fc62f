mod headers;
mod limits;
mod slow_clients;
