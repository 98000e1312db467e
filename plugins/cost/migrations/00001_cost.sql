-- +goose Up
-- The price rows that this developer's costs were computed with, copied from
-- the platform's price book, so that the file alone explains every figure.
create table cost_price_rows (
  id         text    not null primary key,
  provider   text    not null, -- openai, google, hosting
  sku        text    not null, -- a model, or a SKU: gpt-6-luna, dynamic-maps
  usage      text    not null, -- input, cached, cache_write, output, requests, bytes, byte_months
  tier       text    not null, -- standard, batch, flex, priority
  band       text    not null, -- empty, or long: above the context threshold
  above      integer not null, -- so many units a month of the provider's account come cheaper
  per        integer not null check (per > 0), -- units that the price is for
  price      text    not null, -- USD, decimal
  from_at    integer not null,
  to_at      integer,          -- empty: until the next row
  corrects   text    not null, -- id of the row that was wrong; empty: none
  source     text    not null,
  checked_on text    not null  -- YYYY-MM-DD
) strict;

-- How far the derivation is.
create table cost_progress (
  name  text    not null primary key, -- change and revision: read so far; derived_at
  value integer not null
) strict;

-- The zone whose days are meant, from when on: a change takes effect with the
-- next month (H3).
create table cost_zones (
  since integer not null primary key,
  zone  text    not null
) strict;

-- Cost entries: what the events of an hour used and cost, by unit and price row.
-- Derived from usage_events; every hour can be computed again to the same rows.
create table cost_entries (
  hour           integer not null, -- since 1970, UTC
  development_id text    not null,
  unit_id        text    not null,
  provider       text    not null,
  sku            text    not null,
  usage          text    not null,
  tier           text    not null,
  band           text    not null,
  price_row      text    not null, -- empty: none, or rated on the account's total
  kind           text    not null check (kind in ('estimate', 'correction', 'unpriced', 'pooled')),
  date           text    not null, -- local
  category       text    not null, -- llm, embeddings, rag, maps, geocoding, storage, bandwidth
  quantity       integer not null,
  events         integer not null,
  amount         integer, -- 10^-12 USD; empty: no price, or pooled
  primary key (hour, date, development_id, unit_id, category, provider, sku, usage, tier, band, price_row, kind),
  check ((amount is null) = (kind in ('unpriced', 'pooled')))
) strict, without rowid;

-- An index would hold the whole key once more: dates are found by their hours.
create index cost_entries_pooled on cost_entries (provider, sku, hour, development_id, quantity) where kind = 'pooled';

-- Hours that have to be derived, for the first time or again.
create table cost_due_hours (
  hour integer not null primary key
) strict;

-- What else has to be derived again: storage and sums of a month, a pool's
-- share of the provider's month, a date's bills.
create table cost_due (
  part     text not null check (part in ('storage', 'pool', 'sum', 'bill')),
  period   text not null,
  provider text not null,
  sku      text not null,
  primary key (part, period, provider, sku)
) strict, without rowid;

-- Readings of storage by hour: how many, and their sum. A month's storage is
-- the mean of its days (H22).
create table cost_readings (
  hour           integer not null,
  date           text    not null, -- local
  development_id text    not null,
  unit_id        text    not null,
  store          text    not null,
  readings       integer not null,
  bytes          integer not null,
  primary key (hour, date, development_id, unit_id, store)
) strict, without rowid;

create index cost_readings_by_date on cost_readings (date);

-- This developer's part of what the provider's account cost in a month, rated
-- on the total of all (H21). Copied from the platform.
create table cost_shares (
  month            text    not null, -- the provider's: YYYY-MM
  provider         text    not null,
  sku              text    not null,
  development_id   text    not null, -- empty: used outside of any development
  quantity         integer not null,
  amount           integer not null, -- 10^-12 USD
  account_quantity integer not null,
  account_amount   integer not null,
  primary key (month, provider, sku, development_id)
) strict, without rowid;

-- Shares spread over the days and units of use. Derived.
create table cost_allocations (
  month          text    not null, -- the provider's
  provider       text    not null,
  sku            text    not null,
  date           text    not null, -- local
  development_id text    not null,
  unit_id        text    not null,
  usage          text    not null,
  category       text    not null,
  quantity       integer not null,
  amount         integer not null, -- 10^-12 USD
  primary key (month, provider, sku, date, development_id, unit_id, usage, category)
) strict, without rowid;

create index cost_allocations_by_date on cost_allocations (date);

-- What the provider has charged, by its own day. Copied from the platform.
create table cost_actuals (
  provider  text    not null,
  date      text    not null, -- the provider's day
  project   text    not null,
  line      text    not null, -- line item, or SKU id
  sku       text    not null, -- ours; empty: not mapped
  usage     text    not null,
  category  text    not null, -- other: not mapped
  quantity  integer,          -- in our units; empty: not told
  amount    integer,          -- 10^-12 USD; empty: no exchange rate
  currency  text    not null, -- as charged
  charged   text    not null, -- decimal, in that currency
  allocated integer not null check (allocated in (0, 1)), -- shared out by use, not told by the provider
  primary key (provider, date, project, line)
) strict, without rowid;

create index cost_actuals_by_date on cost_actuals (date);

-- Costs by local day, as pages show them: entries added up over hours and
-- units, allocations spread over the days of use, actuals shared out to
-- developments. Derived.
create table cost_days (
  date           text    not null,
  development_id text    not null,
  category       text    not null,
  provider       text    not null,
  sku            text    not null,
  usage          text    not null,
  kind           text    not null check (kind in ('estimate', 'correction', 'allocation', 'unpriced', 'pooled', 'actual')),
  quantity       integer not null,
  events         integer not null,
  amount         integer,
  primary key (date, development_id, category, provider, sku, usage, kind)
) strict, without rowid;

-- The same by month and unit.
create table cost_unit_months (
  month          text    not null,
  development_id text    not null,
  unit_id        text    not null,
  category       text    not null,
  quantity       integer not null,
  events         integer not null,
  amount         integer not null, -- of what has a price
  unpriced       integer not null, -- events without one
  primary key (month, development_id, unit_id, category)
) strict, without rowid;

-- Notices that were given: once for each month and threshold.
create table cost_notices (
  month    text    not null,
  subject  text    not null, -- budget:80, variance:openai
  given_at integer not null,
  primary key (month, subject)
) strict, without rowid;

-- Exchange rates, copied from the platform (H24).
create table cost_rates (
  date   text not null,
  base   text not null,
  quote  text not null,
  rate   text not null, -- quote for one base, decimal
  source text not null,
  primary key (base, quote, date)
) strict, without rowid;

-- +goose Down
drop table cost_rates;
drop table cost_notices;
drop table cost_unit_months;
drop table cost_days;
drop table cost_actuals;
drop table cost_shares;
drop table cost_allocations;
drop table cost_readings;
drop table cost_due;
drop table cost_due_hours;
drop table cost_entries;
drop table cost_zones;
drop table cost_progress;
drop table cost_price_rows;
