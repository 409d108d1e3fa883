<?php

declare(strict_types=1);

namespace {
    function __(string $text, ...$arguments): \Magento\Framework\Phrase
    {
        return new \Magento\Framework\Phrase($text, $arguments);
    }
}

namespace Psr\Log {
    interface LoggerInterface
    {
        public function log($level, $message, array $context = []);
    }
}

namespace Magento\Framework {
    use Kassette\Double\Shop;

    /** Texts are templates: %1 and %name are filled in (2.1). */
    class Phrase
    {
        public function __construct(private string $text, private array $arguments = [])
        {
            $this->arguments = count($arguments) === 1 && is_array($arguments[0]) ? $arguments[0] : $arguments;
        }

        public function __toString(): string
        {
            $fill = [];
            foreach ($this->arguments as $name => $value) {
                $fill['%' . (is_int($name) ? $name + 1 : $name)] = (string)$value;
            }
            return strtr(Shop::translated($this->text), $fill);
        }
    }

    class DataObject
    {
        protected array $data = [];

        public function __construct(array $data = [])
        {
            $this->data = $data;
        }

        public function getData(string $key = '')
        {
            return $key === '' ? $this->data : ($this->data[$key] ?? null);
        }

        public function setData(string $key, $value)
        {
            $this->data[$key] = $value;
            return $this;
        }

        public function addData(array $more)
        {
            $this->data = $more + $this->data;
            return $this;
        }

        public function __call(string $name, array $arguments)
        {
            $key = strtolower((string)preg_replace('/(?<!^)[A-Z]/', '_$0', substr($name, 3)));
            if (strpos($name, 'get') === 0) {
                return $this->data[$key] ?? null;
            }
            if (strpos($name, 'set') === 0) {
                return $this->setData($key, $arguments[0]);
            }
            throw new \BadMethodCallException(static::class . ' has no ' . $name);
        }
    }

    interface UrlInterface
    {
        public const URL_TYPE_LINK = 'link';
    }

    class FlagManager
    {
        public function getFlagData($code)
        {
            return json_decode((string)file_get_contents(Shop::$dir . '/flag.json') ?: '{}', true)[$code] ?? null;
        }

        public function saveFlag($code, $value)
        {
            file_put_contents(Shop::$dir . '/flag.json', json_encode([$code => $value]));
            return true;
        }
    }
}

namespace Magento\Framework\Exception {
    class LocalizedException extends \Exception
    {
        public function __construct(\Magento\Framework\Phrase $phrase, ?\Exception $cause = null, $code = 0)
        {
            parent::__construct((string)$phrase, (int)$code, $cause);
        }
    }

    class AlreadyExistsException extends LocalizedException
    {
    }

    class NotFoundException extends LocalizedException
    {
    }

    class NoSuchEntityException extends LocalizedException
    {
        public static function singleField($name, $value): self
        {
            return new self(__('No such entity with %1 = %2', $name, $value));
        }
    }
}

namespace Magento\Framework\Logger\Handler {
    /** Writes to a file of the shop's, as Monolog does. */
    class Base
    {
        public function __construct(private \Kassette\Double\Shop $shop, private ?string $fileName = null)
        {
        }

        public function handle(string $channel, string $level, string $message): void
        {
            $this->shop->log[] = $level . ': ' . $message;
            $line = '[' . gmdate('Y-m-d\TH:i:s') . '.000000+00:00] ' . $channel . '.' . strtoupper($level) . ': ' . $message . " [] []\n";
            file_put_contents(\Kassette\Double\Shop::$dir . '/' . basename((string)$this->fileName), $line, FILE_APPEND);
        }
    }
}

namespace Magento\Framework\Logger {
    class Monolog implements \Psr\Log\LoggerInterface
    {
        public function __construct(private $name, private array $handlers = [])
        {
        }

        public function log($level, $message, array $context = [])
        {
            foreach ($this->handlers as $handler) {
                $handler->handle($this->name, (string)$level, (string)$message);
            }
        }
    }
}

namespace Magento\Framework\App\Filesystem {
    class DirectoryList
    {
        public const LOG = 'log';
    }
}

namespace Magento\Framework {
    class Filesystem
    {
        public function getDirectoryRead($code): Filesystem\Directory\Read
        {
            return new Filesystem\Directory\Read(\Kassette\Double\Shop::$dir . '/');
        }
    }
}

namespace Magento\Framework\Filesystem\Directory {
    class Read
    {
        public function __construct(private string $dir)
        {
        }

        public function isExist($path = null): bool
        {
            return file_exists($this->dir . $path);
        }

        public function stat($path): array
        {
            clearstatcache();
            return stat($this->dir . $path);
        }

        public function openFile($path): \Magento\Framework\Filesystem\File\Read
        {
            return new \Magento\Framework\Filesystem\File\Read($this->dir . $path);
        }
    }
}

namespace Magento\Framework\Filesystem\File {
    class Read
    {
        private $handle;

        public function __construct(string $path)
        {
            $this->handle = fopen($path, 'rb');
        }

        public function seek($length, $whence = SEEK_SET): int
        {
            return fseek($this->handle, $length, $whence);
        }

        public function read($length): string
        {
            return fread($this->handle, $length);
        }

        public function close(): bool
        {
            return fclose($this->handle);
        }
    }
}

namespace Magento\Framework\Component {
    class ComponentRegistrar
    {
        public const MODULE = 'module';

        public static array $registered = [];

        public static function register($type, $name, $path): void
        {
            self::$registered[$name] = $path;
        }
    }
}

namespace Magento\Framework\Data {
    interface OptionSourceInterface
    {
        public function toOptionArray();
    }
}

namespace Magento\Framework\Event {
    class Event extends \Magento\Framework\DataObject
    {
    }

    class Observer extends \Magento\Framework\DataObject
    {
        public function getEvent(): Event
        {
            return new Event($this->data);
        }
    }

    interface ObserverInterface
    {
        public function execute(Observer $observer);
    }

    interface ManagerInterface
    {
        public function dispatch($name, array $data = []);
    }

    /** Observers are those of the module's events.xml; what was dispatched is kept for tests. */
    class Manager implements ManagerInterface
    {
        public array $dispatched = [];
        public array $extra = [];

        public function __construct(private \Kassette\Double\Container $container)
        {
        }

        public function dispatch($name, array $data = [])
        {
            $this->dispatched[] = $name;
            foreach ($this->container->xml('etc/events.xml')->xpath("//event[@name='$name']/observer") as $observer) {
                $this->container->get((string)$observer['instance'])->execute(new Observer($data));
            }
            foreach ($this->extra[$name] ?? [] as $heard) {
                $heard($data);
            }
        }
    }
}

namespace Magento\Framework\Serialize\Serializer {
    class Json
    {
        public function serialize($data)
        {
            return json_encode($data, JSON_THROW_ON_ERROR);
        }

        public function unserialize($text)
        {
            return json_decode($text, true, 512, JSON_THROW_ON_ERROR);
        }
    }
}

namespace Magento\Framework\Math {
    class Random
    {
        public function getRandomString($length, $chars = null)
        {
            return substr(bin2hex(random_bytes($length)), 0, $length);
        }
    }
}

namespace Magento\Framework\Stdlib\DateTime {
    class DateTime
    {
        public static int $ahead = 0;

        public function gmtTimestamp($input = null)
        {
            return time() + self::$ahead;
        }
    }
}

namespace Magento\Framework\Locale {
    interface ResolverInterface
    {
        public function getLocale();
    }
}

namespace Magento\Framework\Notification {
    interface NotifierInterface
    {
        public function addMajor($title, $description, $url = '', $isInternal = true);
    }
}

namespace Magento\Framework\App\Config {
    interface ScopeConfigInterface
    {
        public function getValue($path, $scopeType = 'default', $scopeCode = null);
    }
}

namespace Magento\Store\Model {
    use Kassette\Double\Shop;

    interface ScopeInterface
    {
        public const SCOPE_STORE = 'store';
    }

    interface StoreManagerInterface
    {
        public function getStore($id = null);

        public function getStores();
    }

    class Store
    {
        public function __construct(private int $id = 1)
        {
        }

        public function getId()
        {
            return $this->id;
        }

        public function getFrontendName()
        {
            return 'Main Website';
        }

        /** An address of its own for TLS, whether the storefront uses it or not. */
        public function getBaseUrl($type = 'link', $secure = null)
        {
            return $secure ? Shop::$secureUrl ?? Shop::$url : Shop::$url;
        }

        public function isFrontUrlSecure(): bool
        {
            return Shop::$frontSecure;
        }

        public function getDefaultCurrencyCode()
        {
            return 'EUR';
        }
    }
}

namespace Magento\Framework\HTTP\Client {
    use Kassette\Double\Shop;

    /** Sends to the test's gateway. As the real one, it throws where nobody answers and keeps 4xx and 5xx as answers. */
    class Curl
    {
        private array $headers = [];
        private array $options = [];
        private array $answer = [0, ''];

        public function setTimeout($seconds)
        {
            $this->options['timeout'] = (int)$seconds;
        }

        public function setOption($name, $value)
        {
            $this->options[$name] = $value;
        }

        public function setHeaders($headers)
        {
            $this->headers = $headers;
        }

        public function addHeader($name, $value)
        {
            $this->headers[$name] = $value;
        }

        public function get($uri)
        {
            $this->answer = (Shop::$gateway)('GET', $uri, $this->headers, '');
        }

        public function post($uri, $params)
        {
            $this->answer = (Shop::$gateway)('POST', $uri, $this->headers, $params);
            if (strlen($params) > 1024 && !array_key_exists('Expect', $this->headers)) {
                $this->answer[0] = 100; // Curl asks first, and the status that is kept is that of "go on".
            }
        }

        public function getStatus()
        {
            return $this->answer[0];
        }

        public function getBody()
        {
            return $this->answer[1];
        }
    }

    class CurlFactory
    {
        public function create(): Curl
        {
            return new Curl();
        }
    }
}

namespace Magento\Framework\Lock {
    interface LockManagerInterface
    {
        public function lock(string $name, int $timeout = -1): bool;

        public function unlock(string $name): bool;

        public function isLocked(string $name): bool;
    }

    class LockBackendFactory
    {
        public function create(): LockManagerInterface
        {
            return new \Kassette\Double\FileLock(\Kassette\Double\Shop::$dir);
        }
    }
}
