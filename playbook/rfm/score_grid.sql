-- One row per pair of R and F scores that occurs among the customers who count: how many there are, and what they spent.
select r.r_score, r.f_score, count(*) as customers, sum(r.monetary) as revenue
from rfm as r
join tiers as t on t.tier = r.tier
where not t.apart and r.r_score is not null
group by r.r_score, r.f_score
order by r.r_score, r.f_score
