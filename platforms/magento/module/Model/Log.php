<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Magento\Framework\App\Filesystem\DirectoryList;
use Magento\Framework\Filesystem;
use Magento\Store\Model\StoreManagerInterface;
use Psr\Log\LoggerInterface;

/**
 * The log: var/log/kassette.log, and its latest lines for the admin to read. No line holds a secret or a person.
 */
class Log
{
    private const FILE = 'kassette.log';

    /**
     * Lines that are shown, bytes of the file that are read for them, and the longest line, in characters.
     */
    private const LINES = 200;
    private const TAIL = 262144;
    private const LENGTH = 1000;

    /**
     * A line as Monolog writes it: time, channel and level, text, and two empty lists.
     */
    private const LINE = '/^\[(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)[^\]]*\] \w+\.([A-Z]+): (.*?)(?: \[\] \[\])?\s*$/m';

    /**
     * Below this many characters a setting is no secret, but a part of many words.
     */
    private const SHORT = 8;

    /**
     * What is never written, whatever the settings are, and what takes its place.
     */
    private const HIDDEN = [
        '/whsec_[A-Za-z0-9+\/=_-]+/' => '***',
        '/(Bearer\s+)\S+/i' => '$1***',
        '/(\bord_[0-9A-Za-z]+\.)[a-z2-7]{16,}/' => '$1***',
        '/[^\s@]+@[^\s@]+\.[^\s@]+/' => '***',
        '/[[:cntrl:]]+/' => ' ',
    ];

    /**
     * @param LoggerInterface $logger
     * @param Config $config
     * @param StoreManagerInterface $storeManager
     * @param Filesystem $filesystem
     */
    public function __construct(
        private readonly LoggerInterface $logger,
        private readonly Config $config,
        private readonly StoreManagerInterface $storeManager,
        private readonly Filesystem $filesystem
    ) {
    }

    /**
     * Writes a line
     *
     * @param string $level info, warning, error
     * @param string $text In English
     * @return void
     */
    public function write(string $level, string $text): void
    {
        $this->logger->log($level, $this->scrub($text));
    }

    /**
     * The latest lines, the newest first
     *
     * @return array[] time, level and text of each
     */
    public function lines(): array
    {
        $folder = $this->filesystem->getDirectoryRead(DirectoryList::LOG);
        if (!$folder->isExist(self::FILE)) {
            return [];
        }
        $file = $folder->openFile(self::FILE);
        $size = (int)$folder->stat(self::FILE)['size'];
        $file->seek(max(0, $size - self::TAIL));
        $text = $size === 0 ? '' : (string)$file->read(self::TAIL);
        $file->close();
        preg_match_all(self::LINE, $text, $found, PREG_SET_ORDER);
        $lines = [];
        foreach (array_reverse(array_slice($found, -self::LINES)) as $one) {
            $lines[] = [
                'time' => $one[1] . ' ' . $one[2],
                'level' => strtolower($one[3]),
                'text' => $this->scrub($one[4]),
            ];
        }
        return $lines;
    }

    /**
     * A text without secrets, tokens and mail addresses, on one line
     *
     * @param string $text
     * @return string
     */
    private function scrub(string $text): string
    {
        foreach ($this->secrets() as $secret) {
            $text = str_replace($secret, '***', $text);
        }
        $text = (string)preg_replace(array_keys(self::HIDDEN), array_values(self::HIDDEN), $text);
        return mb_substr($text, 0, self::LENGTH);
    }

    /**
     * What the settings of all stores hold that nobody may read
     *
     * @return string[]
     */
    private function secrets(): array
    {
        $secrets = [];
        foreach ($this->storeManager->getStores() as $store) {
            foreach (Config::MODES as $mode) {
                $secrets[] = $this->config->key($mode, (int)$store->getId());
                $secret = $this->config->get($mode . '_secret', (int)$store->getId());
                $secrets = [...$secrets, ...preg_split('/[\s,]+/', $secret)];
            }
        }
        return array_filter(array_unique($secrets), static fn ($secret) => strlen($secret) >= self::SHORT);
    }
}
