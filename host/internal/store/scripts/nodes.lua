-- Lists what nodes said of themselves.
-- KEYS     nodes
-- ARGV     none
-- returns  the time now (ms), node, time (ms) and document, node, ...
local t = redis.call('TIME')
local reply = redis.call('HGETALL', KEYS[1])
table.insert(reply, 1, string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000)))
return reply
