-- +goose Up
-- The scans that retention has taken away, by quarter of an hour: figures of
-- scans go on counting them.
create table usage_erased_scans (
  quarter        integer not null, -- since 1970, UTC
  development_id text    not null,
  events         integer not null,
  primary key (quarter, development_id)
) strict, without rowid;

-- +goose Down
drop table usage_erased_scans;
