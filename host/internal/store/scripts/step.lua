-- Reads, checks and writes one step of an order. It runs nothing by itself:
-- it stands in front of create.lua, supersede.lua and commit.lua. A step takes
-- its keys and arguments in this order, so a script may hold two:
--
-- KEYS  order hash, events list, reference record, shop's list of orders,
--       due, held, fence, dead, seq, heal
--       idempotent answer            only if there is a claim
--       journal of a call            only if one ends
--       book list                    for each line
--       payment look-up, live, pin, needed   for each payment
-- ARGV  order id
--       expected version, 0 for a new order; version after the step
--       schema; sealed document; created at (ms)
--       number of the last event of the step that the shop must hear, or 0
--       time of the next alarm (ms), or ''
--       member and token of the claimed alarm that ends, or '' and ''
--       busy record to set and its call, or '' and ''; call to clear, or ''
--       reference record
--       time to live of a final order (ms), or 0
--       head of the claim, sealed answer, time to live (ms); '' and '' and 0
--       1 if the step ends a call, or 0
--       time to live of the ended journal (ms), or '' if none ends
--       number of journal fields; for each: field, sealed value
--       number of events; number of the first; for each: sealed event
--       number of book lines; for each: sealed line
--       number of payments; for each: look-up record, member, until when it needs
--       its plugin's bytes though it is final (ms), or 0 if it is not

local next_key, next_arg = 0, 0
local function key() next_key = next_key + 1; return KEYS[next_key] end
local function arg() next_arg = next_arg + 1; return ARGV[next_arg] end
local function count() return tonumber(arg()) end

local function now_ms()
  local t = redis.call('TIME')
  return string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000))
end

local function read_step()
  local s = {
    order = key(), events = key(), ref = key(), list = key(),
    due = key(), held = key(), fence = key(), dead = key(), seq = key(), heal = key(),
    id = arg(), expected = arg(), version = arg(), schema = arg(), doc = arg(), created = arg(),
    heard = arg(), next_alarm = arg(), alarm = arg(), token = arg(),
    busy = arg(), busy_call = arg(), clear_call = arg(), record = arg(), ttl = arg(),
    claim = arg(), answer = arg(), claim_ttl = arg(), ends = arg(), journal_ttl = arg(),
    fields = {}, new_events = {}, book = {}, payments = {},
  }
  if s.claim ~= '' then s.op = key() end
  if s.journal_ttl ~= '' then s.call = key() end
  for i = 1, 2 * count() do s.fields[i] = arg() end
  local events = count()
  s.first_event = count()
  for i = 1, events do s.new_events[i] = arg() end
  for i = 1, count() do s.book[i] = { list = key(), line = arg() } end
  for i = 1, count() do
    s.payments[i] = { lookup = key(), live = key(), pin = key(), needed = key(), record = arg(), member = arg(), needs = arg() }
  end
  return s
end

-- Says that a step is written, with the number of commits and 1 if the
-- partition heals, or 0.
local function done(s, seq)
  return { 'done', tostring(seq), tostring(redis.call('EXISTS', s.heal)) }
end

-- Says why a step may not be written, or nil. The document is sealed with a
-- random nonce: where it is there already, this very step was written and only
-- its reply was lost. A claim that is known writes nothing, except where the
-- step ends a call: what a provider answered is booked.
local function refuse_step(s)
  local v = redis.call('HGET', s.order, 'v')
  if v == s.version and redis.call('HGET', s.order, 'doc') == s.doc then
    return done(s, redis.call('GET', s.seq) or 0)
  end
  if s.op then
    local was = redis.call('GET', s.op)
    if was and s.ends == '0' and (s.answer == '' or was ~= s.claim) then return { 'known', was } end
  end
  if not v and s.expected ~= '0' then return { 'gone' } end
  if (v or '0') ~= s.expected then return { 'moved' } end
  if redis.call('LLEN', s.events) ~= s.first_event - 1 then return { 'gap' } end
  return nil
end

-- Says whether the server is so full that it takes no new order: what is open
-- needs the rest. One that does not tell is not full.
local function is_full()
  local info = redis.pcall('INFO', 'memory')
  if type(info) ~= 'string' then return false end
  local most = tonumber(string.match(info, '\nmaxmemory:(%d+)') or 0)
  return most > 0 and tonumber(string.match(info, '\nused_memory:(%d+)') or 0) > most * 0.85
end

-- A step of an older order leaves the record of the newer one.
local function write_reference(s)
  local was = redis.call('GET', s.ref)
  local owner = was and string.match(was, '^%S+ (%S+)')
  if s.expected ~= '0' and owner and owner ~= s.id then return end
  redis.call('SET', s.ref, s.record)
  if s.ttl ~= '0' then redis.call('PEXPIRE', s.ref, s.ttl) end
end

-- The first answer stays: the end of a call may come after another request
-- gave the claim its answer.
local function write_answer(s)
  if not s.op then return end
  local was = redis.call('GET', s.op)
  if not was or was == s.claim then redis.call('SET', s.op, s.claim .. s.answer, 'PX', s.claim_ttl) end
end

-- The claimed alarm ends only for the node that still has it; the step itself
-- is guarded by the version. What a step says is due replaces what was.
local function write_alarms(s)
  if s.token ~= '' and redis.call('HGET', s.fence, s.alarm) == s.token then
    redis.call('ZREM', s.held, s.alarm)
    redis.call('HDEL', s.fence, s.alarm)
  end
  if s.next_alarm == '' then
    redis.call('ZREM', s.due, s.id)
  else
    redis.call('ZADD', s.due, s.next_alarm, s.id)
  end
  local heard = redis.call('HGET', s.order, 'heard') or '0'
  local told = redis.call('HGET', s.order, 'told') or '0'
  if tonumber(heard) <= tonumber(told) then return end
  if s.heard ~= '0' and redis.call('ZREM', s.dead, s.id) == 1 then redis.call('HDEL', s.order, 'tries') end
  local tell = s.id .. '/tell'
  if redis.call('ZSCORE', s.held, tell) or redis.call('ZSCORE', s.dead, s.id) then return end
  redis.call('ZADD', s.due, 'NX', now_ms(), tell)
end

local function keep_or_end(s, name)
  if s.ttl ~= '0' then redis.call('PEXPIRE', name, s.ttl) else redis.call('PERSIST', name) end
end

-- Bytes are needed until the last of the payments made with them needs them
-- no more. Live and pin hold those that are not final.
local function write_payment(s, p)
  redis.call('SET', p.lookup, p.record)
  keep_or_end(s, p.lookup)
  local verb = p.needs == '0' and 'SADD' or 'SREM'
  redis.call(verb, p.live, p.member)
  redis.call(verb, p.pin, p.member)
  if p.needs ~= '0' and tonumber(p.needs) > tonumber(redis.call('GET', p.needed) or 0) then
    redis.call('SET', p.needed, p.needs)
    redis.call('PEXPIREAT', p.needed, p.needs)
  end
end

local function write_step(s)
  redis.call('HSET', s.order, 'schema', s.schema, 'v', s.version, 'doc', s.doc)
  if s.heard ~= '0' then redis.call('HSET', s.order, 'heard', s.heard) end
  if s.clear_call ~= '' and redis.call('HGET', s.order, 'busy_call') == s.clear_call then
    redis.call('HDEL', s.order, 'busy', 'busy_call')
  end
  if s.busy ~= '' then redis.call('HSET', s.order, 'busy', s.busy, 'busy_call', s.busy_call) end
  for _, e in ipairs(s.new_events) do redis.call('RPUSH', s.events, e) end
  for _, b in ipairs(s.book) do redis.call('RPUSH', b.list, b.line) end
  for _, p in ipairs(s.payments) do write_payment(s, p) end
  if s.expected == '0' then redis.call('ZADD', s.list, s.created, s.id) end
  write_reference(s)
  write_answer(s)
  if s.call then
    for i = 1, #s.fields, 2 do redis.call('HSET', s.call, s.fields[i], s.fields[i + 1]) end
    redis.call('PEXPIRE', s.call, s.journal_ttl)
  end
  write_alarms(s)
  keep_or_end(s, s.order)
  keep_or_end(s, s.events)
  return done(s, redis.call('INCR', s.seq))
end
