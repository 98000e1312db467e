-- +goose Up
create table settings (
  id         integer not null primary key check (id = 1),
  body       text    not null check (json_valid(body)),
  updated_at integer not null,
  version    integer not null default 1
) strict;

create table blobs (
  id         text    not null primary key,
  name       text    not null,
  type       text    not null,
  kind       text    not null,
  size       integer not null,
  sha256     text    not null,
  created_at integer not null,
  expires_at integer -- null: kept until it is deleted
) strict;

create index blobs_by_kind on blobs (kind, id);
create index blobs_by_size on blobs (size);
create index blobs_by_expires_at on blobs (expires_at) where expires_at is not null;

create table blob_chunks (
  blob_id text    not null references blobs (id) on delete cascade,
  number  integer not null,
  data    blob    not null,
  primary key (blob_id, number)
) strict;

create table brands (
  id            integer not null primary key check (id = 1),
  name          text    not null,
  primary_color text    not null,
  accent_color  text    not null,
  locale        text    not null,
  logo_blob_id  text    references blobs (id),
  updated_at    integer not null
) strict;

-- +goose Down
drop table brands;
drop table blob_chunks;
drop table blobs;
drop table settings;
