<?php

declare(strict_types=1);

namespace Magento\Framework\App {
    interface RequestInterface
    {
        public function getParam($key, $default = null);
    }

    interface ActionInterface
    {
        public function execute();
    }

    interface CsrfAwareActionInterface extends ActionInterface
    {
        public function createCsrfValidationException(RequestInterface $request): ?Request\InvalidRequestException;

        public function validateForCsrf(RequestInterface $request): ?bool;
    }
}

namespace Magento\Framework\App\Action {
    interface HttpGetActionInterface extends \Magento\Framework\App\ActionInterface
    {
    }

    interface HttpPostActionInterface extends \Magento\Framework\App\ActionInterface
    {
    }
}

namespace Magento\Framework\App\Request {
    class InvalidRequestException extends \Exception
    {
    }

    class Http implements \Magento\Framework\App\RequestInterface
    {
        public array $params = [];
        public array $headers = [];
        public string $content = '';

        public function getParam($key, $default = null)
        {
            return $this->params[$key] ?? $default;
        }

        public function getContent()
        {
            return $this->content;
        }

        public function getHeader($name, $default = false)
        {
            return array_change_key_case($this->headers)[strtolower($name)] ?? $default;
        }
    }
}

namespace Magento\Framework\Controller {
    interface ResultInterface
    {
        public function setHttpResponseCode($httpCode);

        public function setHeader($name, $value, $replaceExisting = false);
    }
}

namespace Magento\Framework\Controller\Result {
    class Raw implements \Magento\Framework\Controller\ResultInterface
    {
        public int $status = 200;
        public array $headers = [];
        public string $contents = '';

        public function setHttpResponseCode($status)
        {
            $this->status = $status;
            return $this;
        }

        public function setHeader($name, $value, $replace = false)
        {
            $this->headers[$name] = $value;
            return $this;
        }

        public function setContents($contents)
        {
            $this->contents = $contents;
            return $this;
        }
    }

    class Redirect extends Raw
    {
        public int $status = 302;

        public function setUrl($url)
        {
            return $this->setHeader('Location', $url);
        }

        public function setPath($path, array $params = [])
        {
            return $this->setUrl(\Kassette\Double\Shop::$url . $path);
        }
    }

    class RawFactory
    {
        public function create(): Raw
        {
            return new Raw();
        }
    }

    class RedirectFactory
    {
        public function create(): Redirect
        {
            return new Redirect();
        }
    }
}

namespace Magento\Framework\Message {
    interface ManagerInterface
    {
        public function addErrorMessage($message);

        public function addNoticeMessage($message);

        public function addSuccessMessage($message);
    }
}

namespace Kassette\Double {
    use Magento\Framework\App\Action\HttpGetActionInterface;
    use Magento\Framework\App\Action\HttpPostActionInterface;
    use Magento\Framework\App\CsrfAwareActionInterface;
    use Magento\Framework\App\Request\Http;
    use Magento\Framework\Controller\Result\Raw;

    /** The front controller of the storefront (3.6). The list of action classes is cached: new ones are 404 (3.1). */
    class Front
    {
        public array $actions = [];

        public function __construct(private Container $container, private Http $request)
        {
        }

        /** bin/magento cache:flush */
        public function flush(): void
        {
            foreach ($this->container->xml('etc/frontend/routes.xml')->xpath('//route') as $route) {
                foreach (glob(dirname(__DIR__) . '/module/Controller/*/*.php') as $file) {
                    $path = strtolower($route['frontName'] . '/' . basename(dirname($file)) . '/' . basename($file, '.php'));
                    $this->actions[$path] = 'Kassette\\Payment\\Controller\\' . basename(dirname($file)) . '\\' . basename($file, '.php');
                }
            }
        }

        public function dispatch(string $method, string $path, array $params = [], array $headers = [], string $content = ''): Raw
        {
            $path = implode('/', array_pad(explode('/', trim($path, '/')), 3, 'index'));
            [$this->request->params, $this->request->headers, $this->request->content] = [$params, $headers, $content];
            $class = $this->actions[$path] ?? null;
            $action = $class ? $this->container->create($class) : null;
            $takes = ['GET' => HttpGetActionInterface::class, 'POST' => HttpPostActionInterface::class][$method];
            if (!$action instanceof $takes) {
                return (new Raw())->setHttpResponseCode(404);
            }
            $valid = $action instanceof CsrfAwareActionInterface ? $action->validateForCsrf($this->request) : null;
            if ($method === 'POST' && !($valid ?? isset($params['form_key']))) {
                return (new Raw())->setHttpResponseCode(302)->setHeader('Location', 'https://shop.example/');
            }
            return $action->execute();
        }
    }

    class Messages implements \Magento\Framework\Message\ManagerInterface
    {
        public array $said = [];

        public function addErrorMessage($message)
        {
            $this->said[] = 'error: ' . $message;
        }

        public function addNoticeMessage($message)
        {
            $this->said[] = 'notice: ' . $message;
        }

        public function addSuccessMessage($message)
        {
            $this->said[] = 'success: ' . $message;
        }
    }
}
