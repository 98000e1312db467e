-- +goose Up
create table message_images (
  sha256 text not null primary key,
  name   text not null,
  type   text not null check (type in ('image/png', 'image/jpeg', 'image/gif')),
  bytes  blob not null
) strict;

create table messages (
  id         text    not null primary key,
  template   text    not null,
  recipient  text    not null,
  sender     text    not null,
  subject    text    not null,
  html       text    not null,
  text       text    not null,
  image      text    references message_images (sha256),
  state      text    not null check (state in ('queued', 'sending', 'sent', 'failed', 'unknown', 'held')),
  attempts   integer not null default 0,
  error      text    not null default '',
  next_at    integer,
  sent_at    integer,
  created_at integer not null,
  updated_at integer not null
) strict;

create table message_index (
  tenant_id  text    not null,
  id         text    not null,
  template   text    not null,
  state      text    not null check (state in ('queued', 'sending', 'sent', 'failed', 'unknown', 'held')),
  attempts   integer not null default 0,
  next_at    integer,
  created_at integer not null,
  updated_at integer not null,
  version    integer not null default 1,
  primary key (tenant_id, id)
) strict, without rowid;

create index message_index_due on message_index (next_at) where state = 'queued';
create index message_index_by_time on message_index (created_at, id);

-- +goose Down
drop table message_index;
drop table messages;
drop table message_images;
