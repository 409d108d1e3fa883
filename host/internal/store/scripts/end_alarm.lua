-- Ends a claimed alarm, for the node that has it, or makes it due again. A
-- time that a commit set meanwhile stays, unless it is the later one.
-- KEYS     due, held, fence
-- ARGV     member, token, time at which it is due again (ms) or ''
-- returns  1 ended, 0 lost
local due, held, fence = KEYS[1], KEYS[2], KEYS[3]
local member, token, at = ARGV[1], ARGV[2], ARGV[3]
if redis.call('HGET', fence, member) ~= token then return 0 end
if at ~= '' then
  local was = redis.call('ZSCORE', due, member)
  if not was or tonumber(was) > tonumber(at) then redis.call('ZADD', due, at, member) end
end
redis.call('ZREM', held, member)
redis.call('HDEL', fence, member)
return 1
