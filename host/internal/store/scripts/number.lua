-- Takes the next number of a counter that begins at start.
-- KEYS     counter
-- ARGV     start
-- returns  the number
local was = redis.call('GET', KEYS[1])
if not was or tonumber(was) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1])
  return tonumber(ARGV[1])
end
return redis.call('INCR', KEYS[1])
