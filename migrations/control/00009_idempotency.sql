-- +goose Up
-- What creates under an Idempotency-Key were answered.
create table idempotency_keys (
  key_sha256     blob    not null primary key,
  request_sha256 blob    not null,
  status         integer not null,
  location       text    not null,
  etag           text    not null,
  body           blob    not null,
  created_at     integer not null
) strict, without rowid;

-- +goose Down
drop table idempotency_keys;
