-- +goose Up
create table settings (
  id         integer not null primary key check (id = 1),
  body       text    not null check (json_valid(body)),
  updated_at integer not null,
  version    integer not null default 1
) strict;

-- +goose Down
drop table settings;
