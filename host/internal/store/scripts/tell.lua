-- Notes how far the shop has been told, and where the delivery stands: told,
-- due again, or given up. The number counts whoever brings it, since the shop
-- has the events; the alarm moves only for the node that has it.
-- KEYS     order hash, due, held, fence, dead, seq, heal
-- ARGV     order id, token, number of the last event told, time at which it is
--          due again (ms) or '', 1 if it is given up or 0, failed tries
-- returns  {done, seq, 1 if the partition heals or 0}; {gone} if there is no
--          such order
local order, due, held, fence, dead = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local id, token, upto, again, given_up, tries = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local member = id .. '/tell'
local mine = redis.call('HGET', fence, member) == token
if redis.call('EXISTS', order) == 0 then
  if mine then
    redis.call('ZREM', due, member)
    redis.call('ZREM', held, member)
    redis.call('HDEL', fence, member)
  end
  return { 'gone' }
end
local told = tonumber(redis.call('HGET', order, 'told') or 0)
local heard = tonumber(redis.call('HGET', order, 'heard') or 0)
if tonumber(upto) > told then
  told = tonumber(upto)
  redis.call('HSET', order, 'told', upto)
end
if mine then
  redis.call('HSET', order, 'tries', tries)
  redis.call('ZREM', held, member)
  redis.call('HDEL', fence, member)
end
local t = redis.call('TIME')
local now = string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000))
if heard <= told then
  redis.call('ZREM', due, member)
  redis.call('ZREM', dead, id)
elseif mine and given_up == '1' then
  redis.call('ZREM', due, member)
  redis.call('ZADD', dead, now, id)
elseif mine and again ~= '' then
  redis.call('ZADD', due, again, member)
elseif not redis.call('ZSCORE', held, member) and not redis.call('ZSCORE', dead, id) then
  redis.call('ZADD', due, 'NX', now, member)
end
return { 'done', tostring(redis.call('INCR', KEYS[6])), tostring(redis.call('EXISTS', KEYS[7])) }
