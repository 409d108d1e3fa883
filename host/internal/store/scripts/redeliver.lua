-- Makes the delivery of an order due now, with its tries forgotten.
-- KEYS     order hash, due, held, dead
-- ARGV     order id
-- returns  1 due or being delivered, 0 if there is no such order
local order, due, held, dead = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local member = ARGV[1] .. '/tell'
redis.call('ZREM', dead, ARGV[1])
if redis.call('EXISTS', order) == 0 then return 0 end
redis.call('HDEL', order, 'tries')
if redis.call('ZSCORE', held, member) then return 1 end
local t = redis.call('TIME')
redis.call('ZADD', due, string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000)), member)
return 1
