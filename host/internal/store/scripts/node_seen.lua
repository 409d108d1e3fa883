-- Notes what a node runs now, by Redis's clock: nodes' own differ.
-- KEYS     nodes
-- ARGV     node, document
-- returns  1 a node that was not there, 0 one that was
local t = redis.call('TIME')
local now = string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000))
return redis.call('HSET', KEYS[1], ARGV[1], now .. ' ' .. ARGV[2])
