mod headers;
mod limits;
mod prefix;
mod slow_clients;
