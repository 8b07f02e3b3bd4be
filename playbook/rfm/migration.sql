-- One row per pair of tiers: customers who were in the first on $since and in the second on $until, and their share of
-- all who were in the first. Customers who came later are not in it.
select
  b.tier as tier_before,
  a.tier as tier,
  count(*) as customers,
  cast(count(*) as double) / sum(count(*)) over (partition by b.tier) as share
from rfm_history as b
join rfm_history as a on a.customer_id = b.customer_id and a.as_of = $until
join tiers as before on before.tier = b.tier
join tiers as after on after.tier = a.tier
where b.as_of = $since and not before.apart and not after.apart
group by b.tier, a.tier, before.place, after.place
order by before.place, after.place
