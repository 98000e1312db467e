-- +goose Up
-- Which tenant a unit's code belongs to. The code itself stays in the tenant's
-- file: the hash tells nobody which codes exist.
create table unit_codes (
  code_hash blob not null primary key check (length(code_hash) = 16),
  tenant_id text not null
) strict, without rowid;

-- +goose Down
drop table unit_codes;
