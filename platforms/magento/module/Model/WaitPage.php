<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Magento\Framework\Controller\Result\Raw;
use Magento\Framework\Controller\Result\RawFactory;
use Magento\Framework\Escaper;
use Magento\Framework\Locale\ResolverInterface;

/**
 * The page of a shopper whose payment is not begun yet, though nobody refused it: its browser asks again by itself.
 */
class WaitPage
{
    /**
     * Seconds until it asks again.
     */
    private const PAUSE = 5;

    private const HTML = '<!DOCTYPE html><html lang="%1$s"><head><meta charset="utf-8">'
        . '<meta name="viewport" content="width=device-width, initial-scale=1"><title>%2$s</title></head>'
        . '<body><main><h1>%2$s</h1><p>%3$s</p><p><a href="?">%4$s</a></p></main></body></html>';

    /**
     * @param RawFactory $rawFactory
     * @param Escaper $escaper
     * @param ResolverInterface $localeResolver
     */
    public function __construct(
        private readonly RawFactory $rawFactory,
        private readonly Escaper $escaper,
        private readonly ResolverInterface $localeResolver
    ) {
    }

    /**
     * The page
     *
     * @return Raw
     */
    public function create(): Raw
    {
        $texts = array_map(fn ($text) => $this->escaper->escapeHtml((string)$text), [
            str_replace('_', '-', (string)$this->localeResolver->getLocale()),
            __('One moment, please'),
            __(
                'Your order is placed, and its payment is being prepared. This page goes on by itself: do not order '
                . 'again.'
            ),
            __('Try again'),
        ]);
        $page = $this->rawFactory->create();
        $page->setHeader('Content-Type', 'text/html; charset=utf-8', true);
        $page->setHeader('Cache-Control', 'no-store', true);
        $page->setHeader('Refresh', (string)self::PAUSE, true);
        return $page->setContents(vsprintf(self::HTML, $texts));
    }
}
