-- +goose Up
create table developments (
  id         text    not null primary key,
  name       text    not null,
  address    text    not null,
  status     text    not null check (status in ('planned', 'selling', 'complete')),
  sort_key   text    not null, -- the name, folded, numbers padded with zeros
  search     text    not null, -- folded words, each behind a space
  created_at integer not null,
  updated_at integer not null,
  version    integer not null default 1
) strict;

create index developments_by_name on developments (sort_key, id);

create table units (
  id             text    not null primary key,
  development_id text    not null references developments (id),
  label          text    not null,
  address        text    not null,
  address_key    text    not null, -- the address as duplicates are found by
  county         text    not null,
  postcode       text    not null,
  kind           text    not null,
  size           text    not null,
  price_minor    integer check (price_minor >= 0),
  currency       text    check ((currency is null) = (price_minor is null)),
  sold_on        text    not null check (sold_on = '' or sold_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  handed_over_at integer,
  code           text, -- null until its QR code is assigned
  first_scan_at  integer,
  homeowners     integer not null default 0, -- who live there or are invited; kept by the triggers below
  sort_key       text    not null, -- the label, folded, numbers padded with zeros
  search         text    not null,
  created_at     integer not null,
  updated_at     integer not null,
  version        integer not null default 1
) strict;

create unique index units_by_address on units (development_id, address_key);
create unique index units_by_code on units (code);
-- The last three columns let the filters of a list count without the table.
create index units_by_label on units (sort_key, id, handed_over_at, first_scan_at, homeowners);
create index units_of_development on units (development_id, sort_key, id, handed_over_at, first_scan_at, homeowners);

create table homeowners (
  id              text    not null primary key,
  unit_id         text    not null references units (id),
  name            text    not null,
  email           text    not null,
  email_key       text    not null, -- the e-mail address in lower case
  status          text    not null check (status in ('invited', 'onboarded', 'left')),
  consent_at      integer,
  consent_version text    not null default '' check ((consent_at is null) = (consent_version = '')),
  onboarded_at    integer,
  sort_key        text    not null,
  search          text    not null,
  created_at      integer not null,
  updated_at      integer not null,
  version         integer not null default 1
) strict;

create unique index homeowners_by_email on homeowners (unit_id, email_key);
create index homeowners_by_name on homeowners (sort_key, id);

-- +goose StatementBegin
create trigger homeowners_added after insert on homeowners
begin
  update units set homeowners = homeowners + (new.status <> 'left') where id = new.unit_id;
end;
-- +goose StatementEnd

-- +goose StatementBegin
create trigger homeowners_changed after update of status, unit_id on homeowners
begin
  update units set homeowners = homeowners - (old.status <> 'left') where id = old.unit_id;
  update units set homeowners = homeowners + (new.status <> 'left') where id = new.unit_id;
end;
-- +goose StatementEnd

-- +goose StatementBegin
create trigger homeowners_removed after delete on homeowners
begin
  update units set homeowners = homeowners - (old.status <> 'left') where id = old.unit_id;
end;
-- +goose StatementEnd

-- +goose Down
drop table homeowners;
drop table units;
drop table developments;
