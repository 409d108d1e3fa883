<?php

declare(strict_types=1);

namespace Kassette\Double;

use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Payment\Model\Method\Adapter;
use Magento\Sales\Model\Order;

/** A shop with the module installed. Its data are in a folder, so that several processes can be of the same shop. */
class Shop implements
    ScopeConfigInterface,
    \Magento\Framework\Locale\ResolverInterface,
    \Magento\Framework\Notification\NotifierInterface,
    \Magento\Store\Model\StoreManagerInterface
{
    public static string $dir = '';
    public static string $url = 'https://shop.example/';
    public static ?string $secureUrl = null;
    public static bool $frontSecure = false;
    /** @var callable Takes method, address, headers, body and gives [status, body]; throws where nobody answers */
    public static $gateway;
    public static array $translations = [];
    public static int $stores = 1;
    public array $log = [];
    public array $notes = [];
    private static Container $container;

    /** Another process of a shop; with no folder, a new shop. */
    public static function open(string $dir = ''): self
    {
        if ($dir === '') {
            $dir = sys_get_temp_dir() . '/kassette-magento-' . bin2hex(random_bytes(8));
            mkdir($dir);
            file_put_contents($dir . '/config.json', '{}');
        }
        self::$dir = $dir;
        self::$translations = [];
        self::$stores = 1;
        self::$secureUrl = null;
        self::$frontSecure = false;
        self::$gateway = static function () {
            throw new \Exception('Connection refused');
        };
        $shop = new self();
        self::$container = new Container(dirname(__DIR__) . '/module', [
            Database::class => new Database($dir),
            ScopeConfigInterface::class => $shop,
            self::class => $shop,
            \Magento\Framework\Locale\ResolverInterface::class => $shop,
            \Magento\Framework\Notification\NotifierInterface::class => $shop,
            \Magento\Store\Model\StoreManagerInterface::class => $shop,
            \Magento\Framework\Lock\LockManagerInterface::class => new FileLock($dir),
            \Magento\Framework\Event\ManagerInterface::class => \Magento\Framework\Event\Manager::class,
            \Magento\Framework\App\RequestInterface::class => \Magento\Framework\App\Request\Http::class,
            \Magento\Framework\Message\ManagerInterface::class => Messages::class,
            \Magento\Sales\Api\OrderRepositoryInterface::class => OrderRepository::class,
            \Magento\Sales\Api\OrderManagementInterface::class => Orders::class,
            \Magento\Sales\Api\CreditmemoManagementInterface::class => Creditmemos::class,
            \Magento\Quote\Api\CartRepositoryInterface::class => Carts::class,
            \Magento\Quote\Model\QuoteIdToMaskedQuoteIdInterface::class => Carts::class,
        ]);
        self::front()->flush();
        return $shop;
    }

    /** Removes its data. */
    public static function close(): void
    {
        array_map('unlink', glob(self::$dir . '/*'));
        rmdir(self::$dir);
    }

    public static function container(): Container
    {
        return self::$container;
    }

    public static function db(): Database
    {
        return self::$container->get(Database::class);
    }

    public static function events(): \Magento\Framework\Event\Manager
    {
        return self::$container->get(\Magento\Framework\Event\Manager::class);
    }

    public static function front(): Front
    {
        return self::$container->get(Front::class);
    }

    public static function orders(): Orders
    {
        return self::$container->get(Orders::class);
    }

    /** The method's facade, by the name that config.xml gives. */
    public static function method(): Adapter
    {
        return self::$container->get((string)self::$container->get(self::class)->getValue('payment/kassette/model'));
    }

    public static function translated(string $text): string
    {
        return self::$translations[$text] ?? $text;
    }

    public static function order(int $id): Order
    {
        $order = new Order();
        $order->load($id);
        return $order;
    }

    /** Runs a job as cron does: holding its group's lock (the shared manager's) all the while. */
    public static function cron(string $job): void
    {
        $lock = self::$container->get(\Magento\Framework\Lock\LockManagerInterface::class);
        $lock->lock('CRON_GROUP_default');
        try {
            self::$container->get($job)->execute();
        } finally {
            $lock->unlock('CRON_GROUP_default');
        }
    }

    /** Places an order, as the checkout does. */
    public static function place(array $data = [], array $additional = []): Order
    {
        $number = count(self::db()->all('sales_order')) + 1;
        $order = new Order($data + [
            'increment_id' => sprintf('%09d', $number), 'store_id' => 1, 'quote_id' => 70 + $number, 'updated_at' => 0,
            'grand_total' => '49.9900', 'base_grand_total' => '49.9900', 'order_currency_code' => 'EUR', 'base_currency_code' => 'EUR',
            'shipping_incl_tax' => '9.9900', 'shipping_discount_amount' => '0.0000', 'shipping_description' => 'Parcel', 'is_virtual' => 0,
            'customer_email' => 'j@shop.example', 'remote_ip' => '192.0.2.7',
            'billing' => ['firstname' => 'Jan', 'lastname' => 'Jansen', 'street' => ['Dorpsstraat 1'], 'postcode' => '1234 AB', 'city' => 'Utrecht', 'country_id' => 'NL', 'telephone' => '0301234567'],
        ]);
        $order->items = [new Order\Item(['item_id' => 1, 'sku' => 'L-7', 'name' => 'Lamp', 'qty_ordered' => '2.0000', 'row_total_incl_tax' => '40.0000', 'discount_amount' => '0.0000', 'tax_amount' => '6.9400', 'is_virtual' => 0])];
        $order->payment = new Order\Payment(['method' => 'kassette', 'additional_information' => []]);
        $order->payment->setOrder($order);
        self::method()->assignData($order->payment, new \Magento\Framework\DataObject(['additional_data' => $additional]));
        $order->payment->place();
        $order->save();
        \Magento\Checkout\Model\Session::$last = (int)$order->getId();
        return $order;
    }

    /** Comments on an order, oldest first. */
    public static function comments(int $id): array
    {
        return array_column(self::db()->all('history', 'parent_id', $id), 'comment');
    }

    /** Saves settings, as the admin does, for all stores or one: secrets encrypted. */
    public static function configure(array $settings, int $store = 0): void
    {
        $all = json_decode((string)file_get_contents(self::$dir . '/config.json'), true);
        foreach ($settings as $field => $value) {
            $secret = self::$container->xml('etc/adminhtml/system.xml')->xpath("//field[@id='$field']/backend_model");
            $all[($store ? $store . '/' : '') . 'payment/kassette/' . $field] = $secret ? '0:3:' . base64_encode($value) : $value;
        }
        file_put_contents(self::$dir . '/config.json', json_encode($all));
    }

    /** A value, decrypted where config.xml names the backend model. */
    public function getValue($path, $scopeType = 'default', $scopeCode = null)
    {
        if ($path === 'general/locale/code') {
            return 'nl_NL';
        }
        $all = json_decode((string)file_get_contents(self::$dir . '/config.json'), true);
        $saved = $all[$scopeCode . '/' . $path] ?? $all[$path] ?? null;
        $node = self::$container->xml('etc/config.xml')->default->xpath($path)[0] ?? null;
        if ($saved === null) {
            return $node === null ? null : (string)$node;
        }
        return $node !== null && isset($node['backend_model']) ? base64_decode(substr($saved, 4)) : $saved;
    }

    public function getLocale()
    {
        return 'nl_NL';
    }

    public function addMajor($title, $description, $url = '', $isInternal = true)
    {
        $this->notes[] = $title . ': ' . $description;
    }

    public function getStore($id = null)
    {
        return new \Magento\Store\Model\Store();
    }

    public function getStores()
    {
        return array_map(static fn ($id) => new \Magento\Store\Model\Store($id), range(1, self::$stores));
    }
}
