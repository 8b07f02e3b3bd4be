-- One row per referral of one customer by another; two records of one person are no referral.
select distinct a.customer_id as referrer_id, b.customer_id as referee_id, r.referred_at
from rows as r
join record_to_customer as a on a.source = r.key_source and a.record_key = r.referrer_key
join record_to_customer as b on b.source = r.key_source and b.record_key = r.referee_key
where a.customer_id <> b.customer_id
