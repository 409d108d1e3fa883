<?php

declare(strict_types=1);

// Lists the texts of the module that are translated, as JSON: of PHP, templates and XML.
$texts = [];
$files = new RecursiveIteratorIterator(new RecursiveDirectoryIterator(dirname(__DIR__) . '/module', FilesystemIterator::SKIP_DOTS));
foreach ($files as $file) {
    $text = (string)file_get_contents((string)$file);
    if (in_array($file->getExtension(), ['php', 'phtml'], true)) {
        preg_match_all("/__\(\s*('(?:[^'\\\\]|\\\\.)*'(?:\s*\.\s*'(?:[^'\\\\]|\\\\.)*')*)/", $text, $found);
        foreach ($found[1] as $literal) {
            preg_match_all("/'((?:[^'\\\\]|\\\\.)*)'/", $literal, $parts);
            $texts[] = str_replace(["\\'", '\\\\'], ["'", '\\'], implode('', $parts[1]));
        }
    } elseif ($file->getExtension() === 'html') {
        preg_match_all("/(?:i18n: |\\\$t\()'([^']+)'/", $text, $found);
        array_push($texts, ...$found[1]);
    } elseif (in_array($file->getFilename(), ['system.xml', 'acl.xml', 'menu.xml'], true)) {
        preg_match_all('/<(?:label|comment)>([^<]+)<|title="([^"]+)"/', $text, $found);
        array_push($texts, ...array_filter([...$found[1], ...$found[2]]));
    }
}
$texts[] = 'Pay online'; // The method's title, of config.xml.
$texts = array_values(array_unique($texts));
sort($texts);
echo json_encode($texts, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_PRETTY_PRINT);
