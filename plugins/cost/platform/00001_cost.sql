-- +goose Up
-- The price book. A row is never changed: what follows ends the one before, and
-- what was wrong is corrected by another row (H18).
create table cost_price_rows (
  id         text    not null primary key,
  provider   text    not null,
  sku        text    not null,
  usage      text    not null,
  tier       text    not null,
  band       text    not null,
  above      integer not null,
  per        integer not null check (per > 0),
  price      text    not null, -- USD, decimal
  from_at    integer not null,
  to_at      integer,
  corrects   text    not null,
  source     text    not null,
  checked_on text    not null,
  added_at   integer not null,
  added_by   text    not null
) strict;

create unique index cost_price_rows_of_key on cost_price_rows (provider, sku, usage, tier, band, above, from_at, corrects);

-- Daily exchange rates (H24).
create table cost_rates (
  date     text    not null,
  base     text    not null,
  quote    text    not null,
  rate     text    not null, -- quote for one base, decimal
  source   text    not null,
  added_at integer not null,
  primary key (base, quote, date)
) strict, without rowid;

-- Whose usage a provider's project is.
create table cost_projects (
  provider  text not null,
  project   text not null,
  tenant_id text not null,
  primary key (provider, project)
) strict, without rowid;

-- What a line of a provider's bill means in our words.
create table cost_lines (
  provider text not null,
  line     text not null, -- line item, or SKU id
  name     text not null, -- as the provider describes it
  sku      text not null, -- ours; empty: not mapped
  usage    text not null,
  category text not null,
  per      integer not null default 1, -- our units in one of the provider's
  primary key (provider, line)
) strict, without rowid;

-- Imports of bills. A window is imported whole or not at all.
create table cost_imports (
  id          text    not null primary key,
  provider    text    not null,
  from_date   text    not null,
  to_date     text    not null, -- after the last day
  rows        integer not null,
  changed     integer not null, -- rows that are new or another amount than before
  amount      text    not null, -- sum, decimal
  currency    text    not null,
  net         integer not null check (net in (0, 1)), -- credits and discounts are in it
  state       text    not null check (state in ('done', 'failed')),
  note        text    not null,
  digest      text    not null, -- SHA-256 of a file; empty: from an API
  imported_at integer not null,
  imported_by text    not null
) strict;

create index cost_imports_by_age on cost_imports (imported_at);

create table cost_actuals (
  provider  text    not null,
  date      text    not null, -- the provider's day
  project   text    not null, -- empty: tax, adjustments, rounding
  line      text    not null,
  quantity  text    not null, -- decimal; empty: not told
  unit      text    not null,
  charged   text    not null, -- decimal
  nano      integer not null, -- the same in 10^-9 of the currency, for sums
  currency  text    not null,
  import_id text    not null,
  primary key (provider, date, project, line)
) strict, without rowid;

create index cost_actuals_of_project on cost_actuals (provider, project, date);
create index cost_actuals_foreign on cost_actuals (provider, date) where currency <> 'USD';

-- What the provider's account used in a month, and what it costs (H21).
create table cost_pools (
  month    text    not null,
  provider text    not null,
  sku      text    not null,
  demo     integer not null check (demo in (0, 1)), -- demo tenants are a pool of their own
  quantity integer not null,
  amount   integer,          -- 10^-12 USD; empty: no price
  rated_at integer not null,
  primary key (month, provider, sku, demo)
) strict, without rowid;

create table cost_shares (
  month            text    not null,
  provider         text    not null,
  sku              text    not null,
  tenant_id        text    not null,
  development_id   text    not null,
  quantity         integer not null,
  amount           integer not null,
  account_quantity integer not null, -- of the whole pool
  account_amount   integer not null,
  primary key (month, tenant_id, provider, sku, development_id)
) strict, without rowid;

-- +goose Down
drop table cost_shares;
drop table cost_pools;
drop table cost_actuals;
drop table cost_imports;
drop table cost_lines;
drop table cost_projects;
drop table cost_rates;
drop table cost_price_rows;
