-- Holds a claimed alarm longer, for the node that has it.
-- KEYS     held, fence
-- ARGV     member, token, for how long (ms)
-- returns  1 held, 0 lost
if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
local t = redis.call('TIME')
local till = string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000) + ARGV[3])
redis.call('ZADD', KEYS[1], till, ARGV[1])
return 1
