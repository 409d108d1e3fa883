<?php

declare(strict_types=1);

namespace Kassette\Double {
    /** Tables in files, so that processes share them. Each call is atomic; between two calls others come in. */
    class Database
    {
        public function __construct(private string $dir)
        {
        }

        /** @param callable $step Takes the rows by id and gives back [rows, result] */
        public function step(string $table, callable $step)
        {
            $file = fopen($this->dir . '/' . $table . '.json', 'c+');
            flock($file, LOCK_EX);
            $rows = json_decode((string)stream_get_contents($file) ?: '[]', true);
            [$rows, $result] = $step($rows);
            rewind($file);
            ftruncate($file, 0);
            fwrite($file, json_encode($rows, JSON_THROW_ON_ERROR));
            fclose($file);
            return $result;
        }

        /** Inserts where the id is 0. */
        public function save(string $table, int $id, array $row): int
        {
            return $this->step($table, static function (array $rows) use ($id, $row) {
                $id = $id ?: ($rows ? max(array_keys($rows)) : 0) + 1;
                $rows[$id] = $row;
                return [$rows, $id];
            });
        }

        /** Rows by id, which is in each as entity_id; those in which a column has a value. */
        public function all(string $table, string $column = '', $value = null): array
        {
            $file = fopen($this->dir . '/' . $table . '.json', 'c+');
            flock($file, LOCK_SH);
            $rows = json_decode((string)stream_get_contents($file) ?: '[]', true);
            fclose($file);
            $fits = $column === '' ? $rows : array_filter($rows, static fn ($row) => (string)$row[$column] === (string)$value);
            array_walk($fits, static fn (&$row, $id) => $row = ['entity_id' => $id] + $row);
            return $fits;
        }
    }

    /** Locks that a process loses when it ends, however it ends. A manager holds one at a time, as the database's does. */
    class FileLock implements \Magento\Framework\Lock\LockManagerInterface
    {
        private static array $held = [];
        private string $current = '';

        public function __construct(private string $dir)
        {
        }

        public function lock(string $name, int $timeout = -1): bool
        {
            if ($this->current !== '') {
                throw new \Magento\Framework\Exception\AlreadyExistsException(__('Current connection is already holding lock for %1, only single lock allowed', $this->current));
            }
            $file = fopen($this->dir . '/' . $name . '.lock', 'c');
            if (!flock($file, $timeout === 0 || isset(self::$held[$name]) ? LOCK_EX | LOCK_NB : LOCK_EX)) {
                return false;
            }
            self::$held[$name] = $file;
            $this->current = $name;
            return true;
        }

        public function unlock(string $name): bool
        {
            $this->current = '';
            if (isset(self::$held[$name])) {
                fclose(self::$held[$name]);
                unset(self::$held[$name]);
            }
            return true;
        }

        public function isLocked(string $name): bool
        {
            return isset(self::$held[$name]);
        }
    }
}

namespace Magento\Framework\App {
    /** The adapter's calls that the module makes, for rows with scalar columns. */
    class ResourceConnection
    {
        public function __construct(private \Kassette\Double\Database $database)
        {
        }

        public function getConnection(): self
        {
            return $this;
        }

        public function getTableName($name)
        {
            return $name;
        }

        public function select(): Select
        {
            return new Select();
        }

        public function fetchAll(Select $select): array
        {
            $rows = array_filter($this->database->all($select->table), static fn ($row) => $select->fits($row));
            return array_slice(array_values($rows), 0, $select->limit);
        }

        public function fetchRow(Select $select)
        {
            return $this->fetchAll($select)[0] ?? false;
        }

        public function insertOnDuplicate($table, array $row, array $update)
        {
            $unique = $table === 'kassette_order' ? ['order_id'] : ['order_id', 'type'];
            $this->database->step($table, static function (array $rows) use ($row, $update, $unique) {
                foreach ($rows as $id => $old) {
                    if (array_diff_assoc(array_intersect_key($row, array_flip($unique)), $old) === []) {
                        $rows[$id] = array_intersect_key($row, array_flip($update)) + $old;
                        return [$rows, 1];
                    }
                }
                $id = ($rows ? max(array_keys($rows)) : 0) + 1;
                $rows[$id] = $row + ['id' => $id, 'error' => ''];
                return [$rows, 1];
            });
        }

        public function update($table, array $bind, array $where)
        {
            $id = $where['id = ?'];
            $this->database->step($table, static fn (array $rows) => [[$id => $bind + $rows[$id]] + $rows, 1]);
        }

        public function delete($table, array $where)
        {
            $id = $where['id = ?'];
            $this->database->step($table, static fn (array $rows) => [array_diff_key($rows, [$id => 1]), 1]);
        }
    }

    class Select
    {
        public string $table = '';
        public int $limit = PHP_INT_MAX;
        private array $where = [];

        public function from($table): self
        {
            $this->table = $table;
            return $this;
        }

        public function where($condition, $value): self
        {
            $this->where[] = [...explode(' ', $condition), $value];
            return $this;
        }

        public function order($by): self
        {
            return $this;
        }

        public function limit($limit): self
        {
            $this->limit = $limit;
            return $this;
        }

        public function fits(array $row): bool
        {
            foreach ($this->where as [$column, $is, , $value]) {
                $compared = is_int($value) ? (int)$row[$column] <=> $value : strcasecmp((string)$row[$column], (string)$value);
                if (!['=' => $compared === 0, '>' => $compared > 0, '<=' => $compared <= 0][$is]) {
                    return false;
                }
            }
            return true;
        }
    }
}
