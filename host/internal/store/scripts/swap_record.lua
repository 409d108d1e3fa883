-- Writes records in place of those that were read, all or none.
-- KEYS     records of a kind: plugins, shops
-- ARGV     for each: its name, the version that was read (0: none), record, sealed
-- returns  1 written, or written before by the same command, 0 one was changed meanwhile
local function after(i) return string.format('%d', ARGV[i + 1] + 1) end
local before, fits = true, true
for i = 1, #ARGV, 3 do
  local is = redis.call('HGET', KEYS[1], 'v:' .. ARGV[i]) or '0'
  before = before and is == after(i) and redis.call('HGET', KEYS[1], 'd:' .. ARGV[i]) == ARGV[i + 2]
  fits = fits and is == ARGV[i + 1]
end
if before then return 1 end
if not fits then return 0 end
for i = 1, #ARGV, 3 do
  redis.call('HSET', KEYS[1], 'v:' .. ARGV[i], after(i), 'd:' .. ARGV[i], ARGV[i + 2])
end
redis.call('HINCRBY', KEYS[1], 'rev', 1)
return 1
