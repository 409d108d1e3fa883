-- Moves due members to held. What is held longer than it may be is due again;
-- what is due again while a node still holds it waits for that node.
-- KEYS     due, held, fence
-- ARGV     how many at most, for how long (ms)
-- returns  member, token, member, token, ...
local due, held, fence = KEYS[1], KEYS[2], KEYS[3]
local limit = tonumber(ARGV[1])
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local now_text = string.format('%.0f', now)
local till = string.format('%.0f', now + ARGV[2])

for _, member in ipairs(redis.call('ZRANGEBYSCORE', held, '-inf', now_text, 'LIMIT', 0, limit)) do
  redis.call('ZADD', due, 'NX', now_text, member)
  redis.call('ZREM', held, member)
  redis.call('HDEL', fence, member)
end

-- A token is the time in microseconds, and larger than every one before even
-- if the clock stands still or goes back.
local token = math.max(t[1] * 1000000 + t[2] - 1, tonumber(redis.call('HGET', fence, 'last') or 0))
local claimed = {}
local look = limit + redis.call('ZCARD', held)
for _, member in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', now_text, 'LIMIT', 0, look)) do
  if #claimed < 2 * limit and not redis.call('ZSCORE', held, member) then
    token = token + 1
    local text = string.format('%.0f', token)
    redis.call('HSET', fence, member, text, 'last', text)
    redis.call('ZADD', held, till, member)
    redis.call('ZREM', due, member)
    claimed[#claimed + 1] = member
    claimed[#claimed + 1] = text
  end
end
return claimed
