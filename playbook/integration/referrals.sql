-- One row per referral of one customer by another; two records of one person are no referral.
select distinct a.customer_id as referrer_id, b.customer_id as referee_id, r.referred_at
from rows as r
join people as a on a.source = r.key_source and a.holder = r.referrer_key
join people as b on b.source = r.key_source and b.holder = r.referee_key
where a.customer_id <> b.customer_id
