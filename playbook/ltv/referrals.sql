-- One row per referred customer: who brought them first. Nobody brings themselves, and nobody is brought twice.
with first_named as (
  select
    referee_id, referrer_id,
    row_number() over (partition by referee_id order by referred_at, referrer_id) as nth
  from referrals
  where referred_at <= $as_of and referee_id <> referrer_id
)
select referee_id, referrer_id
from first_named
where nth = 1
order by referee_id
