<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Magento\Framework\Locale\ResolverInterface;
use Magento\Framework\UrlInterface;
use Magento\Sales\Model\Order;
use Magento\Sales\Model\Order\Address;
use Magento\Sales\Model\Order\Item;
use Magento\Store\Model\StoreManagerInterface;

/**
 * Writes the body of POST /v1/orders of a shop's order. Members without a value are left out: null is an error there.
 */
class OrderRequest
{
    /**
     * Longest text of most members, and most lines.
     */
    private const TEXT = 255;
    private const LINES = 500;

    /**
     * @param Config $config
     * @param Money $money
     * @param ResolverInterface $localeResolver
     * @param StoreManagerInterface $storeManager
     */
    public function __construct(
        private readonly Config $config,
        private readonly Money $money,
        private readonly ResolverInterface $localeResolver,
        private readonly StoreManagerInterface $storeManager
    ) {
    }

    /**
     * The body: what is charged is the order's total in the currency that the shopper saw (magento.md 1)
     *
     * @param Order $order
     * @param Link $link
     * @return array
     * @throws \InvalidArgumentException Where the total is none
     */
    public function of(Order $order, Link $link): array
    {
        $currency = (string)$order->getOrderCurrencyCode();
        $store = $this->storeManager->getStore($order->getStoreId());
        $chosen = (array)$order->getPayment()->getAdditionalInformation();
        $billing = $order->getBillingAddress();
        $back = $this->address($store, 'kassette/return', ['token' => $link->token]);
        $option = (string)($chosen['kassette_option'] ?? '');
        return $this->filled([
            'reference' => (string)$order->getIncrementId(),
            'amount' => $this->money->sent($this->money->minor($order->getGrandTotal(), $currency), $currency),
            'description' => $this->text(
                (string)__('%1, order %2', $store->getFrontendName(), $order->getIncrementId())
            ),
            'lines' => $this->lines($order, $currency),
            'customer' => $this->customer($order),
            'billing_address' => $this->addressOf($billing),
            'shipping_address' => $this->addressOf($order->getShippingAddress()),
            'locale' => str_replace('_', '-', (string)$this->localeResolver->getLocale()),
            'country' => $billing ? (string)$billing->getCountryId() : '',
            'method' => (string)($chosen['kassette_method'] ?? ''),
            'method_options' => $option === '' ? [] : ['option' => $option],
            'capture' => $this->config->get('capture', (int)$order->getStoreId()) === 'manual' ? 'manual' : 'automatic',
            'return_url' => $back,
            'cancel_url' => $back,
            'notify_url' => $this->address($store, 'kassette/notify', []),
            'metadata' => [
                'platform' => 'magento',
                'order_id' => (string)$order->getId(),
                'store_id' => (string)$order->getStoreId(),
            ],
        ]);
    }

    /**
     * An address of the order's own store, with TLS where its storefront has it
     *
     * @param \Magento\Store\Model\Store $store
     * @param string $route
     * @param array $query
     * @return string
     */
    private function address($store, string $route, array $query): string
    {
        $query = $query ? '?' . http_build_query($query) : '';
        $base = $store->getBaseUrl(UrlInterface::URL_TYPE_LINK, $store->isFrontUrlSecure());
        return rtrim($base, '/') . '/' . $route . $query;
    }

    /**
     * The lines, tax included. Where the shop's rounding makes them miss the total, a line says by how much
     *
     * @param Order $order
     * @param string $currency
     * @return array
     */
    private function lines(Order $order, string $currency): array
    {
        $lines = [];
        $sum = 0;
        foreach ($order->getAllVisibleItems() as $item) {
            $line = $this->line($item, $currency);
            $sum += $line['amount']['value'];
            $lines[] = $line;
        }
        $shipping = $this->money->minor($order->getShippingInclTax(), $currency)
            - $this->money->minor($order->getShippingDiscountAmount(), $currency);
        if ($shipping !== 0) {
            $name = $this->text((string)$order->getShippingDescription(), (string)__('Shipping'));
            $lines[] = $this->other($name, $shipping < 0 ? 'discount' : 'shipping', $shipping, $currency);
        }
        $rest = $this->money->minor($order->getGrandTotal(), $currency) - $sum - $shipping;
        if ($rest !== 0) {
            $lines[] = $this->other((string)__('Other'), $rest < 0 ? 'discount' : 'fee', $rest, $currency);
        }
        return count($lines) > self::LINES ? [] : $lines;
    }

    /**
     * The line of an item
     *
     * @param Item $item
     * @param string $currency
     * @return array
     */
    private function line(Item $item, string $currency): array
    {
        $amount = $this->money->minor($item->getRowTotalInclTax(), $currency)
            - $this->money->minor($item->getDiscountAmount(), $currency);
        $quantity = rtrim(rtrim((string)$item->getQtyOrdered(), '0'), '.');
        $quantity = strpos((string)$item->getQtyOrdered(), '.') === false ? (string)$item->getQtyOrdered() : $quantity;
        return $this->filled([
            'sku' => $this->text((string)$item->getSku()),
            'name' => $this->text((string)$item->getName(), '-'),
            'kind' => $amount < 0 ? 'discount' : ($item->getIsVirtual() ? 'digital' : 'physical'),
            'quantity' => preg_match('/^[1-9]\d{0,8}(\.\d{1,6})?$|^0\.\d{1,6}$/', $quantity) ? $quantity : '1',
            'amount' => $this->money->sent($amount, $currency),
            'tax_amount' => $this->tax($this->money->minor($item->getTaxAmount(), $currency), $amount, $currency),
        ]);
    }

    /**
     * The tax in a line; empty where the shop's is no part of the amount, which the gateway would refuse
     *
     * @param int $tax
     * @param int $amount The line's
     * @param string $currency
     * @return array
     */
    private function tax(int $tax, int $amount, string $currency): array
    {
        $isPart = $amount < 0 ? $tax <= 0 && $tax >= $amount : $tax >= 0 && $tax <= $amount;
        return $isPart ? $this->money->sent($tax, $currency) : [];
    }

    /**
     * A line that is no item
     *
     * @param string $name
     * @param string $kind
     * @param int $amount
     * @param string $currency
     * @return array
     */
    private function other(string $name, string $kind, int $amount, string $currency): array
    {
        $amount = $this->money->sent($amount, $currency);
        return ['name' => $name, 'kind' => $kind, 'quantity' => '1', 'amount' => $amount];
    }

    /**
     * Who pays
     *
     * @param Order $order
     * @return array
     */
    private function customer(Order $order): array
    {
        $billing = $order->getBillingAddress();
        $ip = filter_var((string)$order->getRemoteIp(), FILTER_VALIDATE_IP);
        return $this->filled([
            'id' => $order->getCustomerId() ? (string)$order->getCustomerId() : '',
            'name' => $billing ? $this->text($billing->getFirstname() . ' ' . $billing->getLastname()) : '',
            'email' => $this->text((string)$order->getCustomerEmail()),
            'phone' => $billing ? $this->text((string)$billing->getTelephone()) : '',
            'ip' => $ip === false ? '' : $ip,
        ]);
    }

    /**
     * An address
     *
     * @param Address|null $address None for what is not shipped
     * @return array
     */
    private function addressOf($address): array
    {
        if (!$address) {
            return [];
        }
        return $this->filled([
            'first_name' => $this->text((string)$address->getFirstname()),
            'last_name' => $this->text((string)$address->getLastname()),
            'company' => $this->text((string)$address->getCompany()),
            'street' => $this->text(implode(' ', (array)$address->getStreet())),
            'postal_code' => $this->text((string)$address->getPostcode()),
            'city' => $this->text((string)$address->getCity()),
            'region' => $this->text((string)$address->getRegion()),
            'country' => (string)$address->getCountryId(),
        ]);
    }

    /**
     * A text that fits
     *
     * @param string $text
     * @param string $none What stands for nothing
     * @return string
     */
    private function text(string $text, string $none = ''): string
    {
        $text = mb_substr(trim((string)preg_replace('/[[:cntrl:]]+/u', ' ', $text)), 0, self::TEXT);
        return $text === '' ? $none : $text;
    }

    /**
     * Members that have a value
     *
     * @param array $members
     * @return array
     */
    private function filled(array $members): array
    {
        return array_filter($members, static fn ($value) => $value !== '' && $value !== []);
    }
}
