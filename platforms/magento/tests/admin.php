<?php

declare(strict_types=1);

// Pages of the admin for the guide's pictures: Magento's own frame is a stand-in; what is in it is the module's.

namespace Kassette\Tests;

use Kassette\Double\Shop;
use Kassette\Payment\Block\Adminhtml\ConnectionTest;
use Kassette\Payment\Block\Adminhtml\Log;
use Magento\Framework\Data\Form\Element\AbstractElement;

/** The pages by the path below /admin/. */
class Admin
{
    public static function page(string $path, array $query): string
    {
        [$title, $body] = match ($path) {
            'settings' => ['Stores › Configuration › Sales › Payment Methods › Kassette', self::settings()],
            'log' => ['Sales › Kassette: log', self::log()],
            default => ['Sales › Orders › ' . Shop::order((int)$query['id'])->getIncrementId(), self::order((int)$query['id'])],
        };
        return '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>' . $title . '</title><style>'
            . 'body{font:15px/1.5 "Open Sans","Noto Sans",sans-serif;margin:0;color:#303030}.standin{background:#fffbe6;border-bottom:1px solid #e5d9a3;padding:8px 32px}'
            . 'main{padding:16px 32px}h1{font-size:24px;font-weight:400;margin:0 0 16px}td,th{padding:4px 16px 4px 0;text-align:left;vertical-align:top;font-weight:400}'
            . 'th{width:240px;text-align:right}input,select{width:320px;padding:4px 8px;border:1px solid #adadad;font:inherit;box-sizing:border-box;background:#fff}.data-grid{width:100%}'
            . '.data-grid th{width:auto;text-align:left;background:#514943;color:#fff;padding:6px 10px}.data-grid td{border-bottom:1px solid #d6d6d6;padding:6px 10px}.standin{margin:0}</style>'
            . '<p class="standin">A stand-in for Magento’s admin, made for tests: the fields, texts and lines are the module’s own.</p><main><h1>' . $title . '</h1>' . $body . '</main></html>';
    }

    /** The fields of system.xml, with what is configured. */
    private static function settings(): string
    {
        $html = '<table>';
        foreach (Shop::container()->xml('etc/adminhtml/system.xml')->xpath("//group[@id='kassette']/field") as $field) {
            $id = (string)$field['id'];
            $value = (string)Shop::container()->get(Shop::class)->getValue('payment/kassette/' . $id);
            $input = match ((string)$field['type']) {
                'allowspecific' => '<select><option>All Allowed Countries</option></select>',
                'select' => '<select><option>' . htmlspecialchars(self::label($field, $value)) . '</option></select>',
                'label' => (new ConnectionTest())->render(new AbstractElement()),
                'obscure' => '<input id="' . $id . '" value="' . ($value === '' ? '' : '******') . '">',
                'multiselect' => '',
                default => '<input id="' . $id . '" value="' . htmlspecialchars($value) . '">',
            };
            if ($input !== '') {
                $html .= '<tr><th>' . htmlspecialchars((string)$field->label) . '</th><td>' . $input . '</td></tr>';
            }
        }
        return $html . '</table>';
    }

    /** The title of a choice. */
    private static function label(\SimpleXMLElement $field, string $value): string
    {
        $source = (string)$field->source_model;
        if (strpos($source, 'Kassette') !== 0) {
            return ['0' => 'No', '1' => 'Yes'][$value] ?? $value;
        }
        return (string)array_column(Shop::container()->get($source)->toOptionArray(), 'label', 'value')[$value];
    }

    private static function log(): string
    {
        $block = Shop::container()->get(Log::class);
        $escaper = new \Magento\Framework\Escaper();
        ob_start();
        require dirname(__DIR__) . '/module/view/adminhtml/templates/log.phtml';
        return (string)ob_get_clean();
    }

    private static function order(int $id): string
    {
        $order = Shop::order($id);
        $html = '<p>Status: <strong>' . $order->getStatus() . '</strong> · Total paid: ' . $order->getTotalPaid() . ' ' . $order->getOrderCurrencyCode() . '</p>';
        foreach (Shop::db()->all('sales_invoice', 'order_id', $id) as $invoice) {
            $html .= '<p>Invoice: ' . $invoice['grand_total'] . ', transaction ' . htmlspecialchars((string)$invoice['transaction_id']) . '</p>';
        }
        return $html . '<h2>Notes for this order</h2><ul>' . implode('', array_map(static fn ($one) => '<li>' . htmlspecialchars($one) . '</li>', Shop::comments($id))) . '</ul>';
    }
}
