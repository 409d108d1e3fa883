-- Ends an order and writes the one that replaces it.
-- KEYS     the step of the old order, that of the new one, see step.lua
-- ARGV     the step of the old order, that of the new one, see step.lua
-- returns  {done, seq, healing}; {moved} if the old order or its reference changed;
--          {gone} if there is no old order; {known, answer record}; {gap}; {full}
local old, new = read_step(), read_step()
local refused = refuse_step(new) or refuse_step(old)
if refused then return refused end
local was = redis.call('GET', old.ref)
local owner = was and string.match(was, '^%S+ (%S+)')
if owner and owner ~= old.id then return { 'moved' } end
if is_full() then return { 'full' } end
write_step(old)
return write_step(new)
