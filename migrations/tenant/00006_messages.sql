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

-- +goose Down
drop table messages;
drop table message_images;
